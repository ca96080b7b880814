"""Text in pictures: labels made safe, letters in runs, and how wide they are."""
