"""The listener: what happens in the bot's channels, and what of it is meant for the bot."""
