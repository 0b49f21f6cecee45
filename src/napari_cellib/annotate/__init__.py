"""What is said of images: said, kept until it is written, compared, given on."""
