"""What a pack's author can run: is each block of it as good as one that ships?"""
