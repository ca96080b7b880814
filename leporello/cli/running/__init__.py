"""The commands that train models, follow and end runs, and let trained models write, translate and predict."""
