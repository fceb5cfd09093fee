"""The verbs: one file each. A verb turns words into one transaction and a reply; it calls nothing outside."""
