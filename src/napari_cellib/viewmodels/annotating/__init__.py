"""What the panel that annotates shows and decides, without Qt."""
