"""The little language of expressions: tokens, times, grammar, trees, and nodes made of them and spelled again."""
