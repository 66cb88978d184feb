"""The asset graph, one module per stage: landing, warehouse, published; and what starts a run: automation."""
