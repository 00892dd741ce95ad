// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is known of the terminal, if there is one.
enum Terminal {
    /// Whether people read standard output directly.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
    /// Whether people read standard error directly.
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Cells in a line; 80 where nobody says.
    static var width: Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init).map { max(40, $0) } ?? 80
    }

    /// Whether output may carry colours: on a terminal that takes them, unless `NO_COLOR` is set to anything.
    static var hasColors: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isOutput && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
}

/// Marks parts of a line for the eye; plain text where there are no colours.
struct Style {
    let isColored: Bool

    init(isColored: Bool = Terminal.hasColors) { self.isColored = isColored }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func cyan(_ text: String) -> String { wrap(text, "36") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func red(_ text: String) -> String { wrap(text, "31") }

    private func wrap(_ text: String, _ code: String) -> String {
        isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
