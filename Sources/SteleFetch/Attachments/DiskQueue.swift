// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Where work that blocks on the disk is done, one piece after the other: the tasks' threads are few.
package struct DiskQueue: Sendable {
    private let queue = DispatchQueue(label: "stele.fetch.disk")

    package init() {}

    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
