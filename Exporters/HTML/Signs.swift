// SPDX-License-Identifier: Apache-2.0

/// The signs of files and places, drawn: fonts differ in which they have.
enum Signs {
    static let text = """
        <svg hidden xmlns="http://www.w3.org/2000/svg"><defs>\
        <symbol id="s-image" viewBox="-8 -8 40 40"><rect x="3" y="4" width="18" height="16" rx="2.5"/>\
        <circle cx="8.5" cy="9.5" r="1.5"/><path d="m4 18 5.5-5 4 3.5 3-2.5 4.5 4"/></symbol>\
        <symbol id="s-voice" viewBox="-8 -8 40 40"><path d="M4 10v4M8 7v10M12 4v16M16 8v8M20 10v4"/></symbol>\
        <symbol id="s-video" viewBox="-8 -8 40 40"><rect x="2" y="5" width="20" height="14" rx="2.5"/>\
        <path d="m10 9 5 3-5 3z"/></symbol>\
        <symbol id="s-file" viewBox="-8 -8 40 40"><path d="M6 2.5h8l5 5v14H6zM14 2.5v5h5M9 13h7M9 17h5"/></symbol>\
        <symbol id="s-place" viewBox="-8 -8 40 40"><path d="M12 22s7-6.5 7-12a7 7 0 1 0-14 0c0 5.5 7 12 7 12z"/>\
        <circle cx="12" cy="10" r="2.5"/></symbol></defs></svg>

        """
}
