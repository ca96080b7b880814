"""What a trained model is used for: loaded from its run, evaluated, asked for predictions, looked into."""
