"""Numbers to plotly figures as plain JSON. No Streamlit."""
