"""What is checked before anything is written."""
