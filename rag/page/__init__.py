"""The web page without its server: what it shows as HTML, and what it does. No Gradio here."""
