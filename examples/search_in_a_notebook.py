"""Search a library and look at pixels, without napari and without a screen."""

import napari_cellib

with napari_cellib.open_library() as library:
    print(library)

    results = library.search("nuclei", kind="z_stack")
    print(f"{results.total} found")
    for image in results:
        print(image.title)
        print("  cite as:", image.citation())

    image = library["CLB0000044"]
    pixels = image.pixels()  # reads the metadata only
    print(pixels)

    stack = pixels.levels[-1]  # the coarsest level, a lazy dask array
    brightest = stack.max(axis=0).compute()  # read now, plane by plane
    print("maximum projection:", brightest.shape, brightest.dtype, brightest.max())

    x = pixels.spacing.get("x")
    width = "of unknown width" if x is None else f"{x * pixels.sizes['x']:.1f} µm wide"
    print("the field of view is", width)
