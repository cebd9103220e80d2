//! Needs are what the goldens pin; the layout in use is a candidate, and its circuit has the columns of the real one.
