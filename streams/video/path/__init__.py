"""The picture's way from a source to the store. Nothing in here knows Django: sources are processes of their own."""
