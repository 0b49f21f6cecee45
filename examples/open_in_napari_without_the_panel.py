"""Open an image of a library in napari from a script, and say where it is from."""

import napari

viewer = napari.Viewer()
layers = viewer.open("cellib://demo/CLB0000044", plugin="napari-cellib")

for layer in layers:
    about = layer.metadata["cellib"]
    print(f"{layer.name}: {layer.data.shape}, scale {layer.scale}")
    print(f"  {about['licence']}. {about['citation']}")

if __name__ == "__main__":
    napari.run()
