"""Single stories of people who left, and of links and proof, told to a shop of either colour and
store.
"""
