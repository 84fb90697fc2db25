"""The library as an API or a script sees it, over boto3 alone."""
