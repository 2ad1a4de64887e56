"""Map of a data set in Streamlit: ``streamlit run streamlit_app.py``."""

import streamlit as st

import heatgrid as hg

st.title("Where are the objects?")
path = st.text_input("File or folder of annotations", "annotations.json")
grid = st.slider("Cells", 10, 200, 100)
try:
    heat = st.cache_data(hg.heatmap)(path, grid)
    st.components.v1.html(heat.to_html(), height=800, scrolling=True)
    st.dataframe(heat.table().to_pandas())
except (ValueError, OSError) as error:
    st.error(str(error))
