"""Blocks from elsewhere: installed packs, their indexes, and how each block of them is loaded when it is used."""
