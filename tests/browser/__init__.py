"""A real browser on the stand-in's page: what people see and press, at the width of a desk and of a phone."""
