"""The site: `make docs` writes build/site/index.html."""

project = "nas"
copyright = "the nas contributors, Apache-2.0"
extensions = ["myst_parser", "sphinx_copybutton"]
html_theme = "furo"
html_title = "nas: evolution of image classifiers"
html_show_sphinx = False
myst_heading_anchors = 3
highlight_language = "text"
copybutton_exclude = ".linenos, .go, .c1"
