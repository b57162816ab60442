"""The model of a Flask project: what each file holds (facts), and how the files hang together (the project)."""
