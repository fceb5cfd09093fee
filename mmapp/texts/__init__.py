"""Every sentence that a person reads, one file a verb. Friendly, short, concrete; what to do next stands in each."""
