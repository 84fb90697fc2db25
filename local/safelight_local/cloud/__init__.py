"""The embedded cloud: started, found, stopped, and deployed to."""
