"""What the functions that touch pixels share: decoding, colour and size, on libvips' images.

These modules import pyvips, which is in the bundle of each function that uses them and not in the layer.
"""
