"""Colours by their names: what people call the dominant colour of a photo. Pure."""

from colorsys import rgb_to_hls

_GREY = 0.12
"""The saturation below which a colour is called white, grey or black."""

_HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (165, "green"),
    (195, "turquoise"),
    (255, "blue"),
    (290, "purple"),
    (345, "pink"),
    (361, "red"),
)
"""Where, in degrees of hue, which colour ends."""

_CALLED = {
    "red": "rot rouge rojo rosso vermelho rood",
    "orange": "arancione naranja laranja oranje",
    "yellow": "gelb jaune amarillo giallo amarelo geel",
    "green": "grun gruen vert verde groen",
    "turquoise": "turkis tuerkis turquesa turchese cyan teal",
    "blue": "blau bleu azul blu blauw",
    "purple": "lila violet violett morado viola roxo paars",
    "pink": "rosa rose roze magenta",
    "brown": "braun marron marrone marrom bruin",
    "white": "weiss blanc blanco bianco branco wit",
    "grey": "gray grau gris grigio cinza grijs",
    "black": "schwarz noir negro nero preto zwart",
}
"""The same in German, French, Spanish, Italian, Portuguese and Dutch, folded."""

NAMED = {name: color for color, others in _CALLED.items() for name in (color, *others.split())}
"""Which colour is meant by which folded word."""


def color_name(hexadecimal: str) -> str:
    """Return what a colour, as in `#553523`, is called: one of the values of `NAMED`."""
    red, green, blue = (int(hexadecimal[start : start + 2], 16) / 255 for start in (1, 3, 5))
    hue, lightness, saturation = rgb_to_hls(red, green, blue)
    chroma = max(red, green, blue) - min(red, green, blue)
    if lightness < 0.1:
        return "black"
    if lightness > 0.93:
        return "white"
    if saturation < _GREY or chroma < 0.08:
        return "black" if lightness < 0.2 else "white" if lightness > 0.85 else "grey"
    name = next(name for end, name in _HUES if hue * 360 < end)
    if name in {"red", "orange"} and lightness < 0.4 and chroma < 0.5:
        return "brown"
    return name
