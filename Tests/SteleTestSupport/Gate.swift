// SPDX-License-Identifier: Apache-2.0

/// Lets only so many tasks through at once; the others wait their turn.
///
/// Tests run side by side, as many as there are. Each program that one starts costs files, memory and a core, and without
/// a bound a machine with two cores runs out of the first.
package actor Gate {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ count: Int) { free = count }

    package func enter() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    package func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
