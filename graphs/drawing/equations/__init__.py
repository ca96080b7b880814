"""The equations of a picture, as a textbook writes them."""
