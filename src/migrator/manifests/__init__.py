"""What stands around the code: the files that name a project's dependencies, and those that start its server."""
