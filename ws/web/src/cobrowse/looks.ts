// Attributes that are told of every element, whatever its page's style sheets ask for.

/** Those that say how something looks and nothing else. */
export const LOOKS = new Set(
  (
    "class id for slot part exportparts dir lang role hidden width height colspan rowspan span align valign border cellpadding cellspacing bgcolor color face nowrap frame rules hspace vspace clear noshade compact type rows cols size disabled open reversed media " +
    "rr_width rr_height rr_scrollLeft rr_scrollTop rr_mediaState rr_open_mode viewBox d points x y x1 x2 y1 y2 cx cy r rx ry dx dy transform fill fill-rule " +
    "clip-rule clip-path stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray opacity offset stop-color preserveAspectRatio " +
    "gradientTransform gradientUnits text-anchor font-size font-family xmlns"
  ).split(" "),
);
