"""Why a network answered as it did: the parts of the digit for and against it, and the feature maps."""

import numpy as np
import streamlit as st

from ui.common import cache, digit_images
from ui.common.attribution_image import METHOD_HELP, METHODS, attribution_picture, in_words
from ui.draw.answer import Answered

SIDE = 224  # CSS pixels
MAPS_IN_A_ROW = 12


def show(answered: Answered) -> None:
    """Attribution of the prediction over the digit, and below it the maps of each convolution."""
    image, probabilities = answered.prepared.image, answered.probabilities
    network = cache.network(answered.run, cache.answering_epoch(answered.run))
    st.markdown("**Which parts decided**")
    by_probability = [int(digit) for digit in np.argsort(-probabilities)]
    left, middle, right = st.columns(3)
    # A key with the answer in it: another answer is another question.
    digit = left.selectbox("Digit", by_probability, key=f"why_{by_probability[0]}")
    others = [other for other in by_probability if other != digit]
    rival = middle.selectbox("Rather than", others, key=f"why_{digit}_{others[0]}")
    method = right.selectbox("Method", list(METHODS), help=METHOD_HELP, key="why_method")
    with st.spinner("Computing the attribution ..."):
        from mnist_core.interpretation.attribution import attribution  # imports Captum

        shares = attribution(network, image, digit, METHODS[method], against=rival)
    st.html(
        '<div style="display:flex;flex-wrap:wrap;gap:1.5rem">'
        + digit_images.picture(image, "The digit as the network sees it", SIDE)
        + digit_images.picture(attribution_picture(image, shares), "The same digit, coloured", SIDE)
        + "</div>"
    )
    st.caption(in_words(shares, digit, rival))

    st.markdown("**Feature maps**")
    from mnist_core.interpretation.feature_maps import feature_maps, grid

    layers = feature_maps(network, image)
    if not layers:
        st.caption("This network has no convolutions: its input is 784 separate pixels.")
    for number, layer in enumerate(layers, 1):
        count, height, width = layer.maps.shape
        picture = grid(layer.maps, MAPS_IN_A_ROW)
        st.caption(
            f"Convolution {number}: {count} maps of {width} by {height}, from {layer.kernel}x{layer.kernel} pixels"
        )
        alt = f"The {count} feature maps of convolution {number}"
        st.html(f'<div style="max-width:56rem">{digit_images.any_picture(picture, alt, "width:100%")}</div>')
    if layers:
        st.caption("Each map is stretched from its lowest value (black) to its highest (white).")
