"""Orders of events that nobody thinks of: people ask, share, delete, leave and come back while servers refuse and workers die,
drawn at random; and what holds whatever the order is.

walk.py draws an order and tells it as a story; deeds.py is what can happen; world.py knows who said which word where; echo.py is
a model that tells all words that it was told; held.py looks whether anybody reads a word that they should not, and settled.py
whether all that was asked came to one end.
"""
