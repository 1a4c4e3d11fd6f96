"""Text in a font: the machine's own, none that the detector is trained on."""
