"""A local stand-in for Amazon Rekognition and Amazon Textract, answering from real models."""
