// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
package import SteleListener
import SteleLog

/// The HTTP service: callbacks and taps in, the archive's words out.
///
/// A service for a group. On a shutdown signal it takes no new connection, answers every request it has begun,
/// each after its record is durable, and ends. Whoever owns the log closes it after that.
package struct ListenService: Service {
    private let listener: Listener
    private let gate: CallbackGate
    private let options: ServerOptions
    private let readSide: ReadSide?
    private let readiness: @Sendable () async -> String?
    private let metrics: @Sendable () async -> [Metric]
    private let onListening: @Sendable (Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - listener: Takes what the routes received; its log must be open as long as this runs.
    ///   - gate: Decides which callbacks are believed.
    ///   - options: The limits.
    ///   - readSide: Answers `/api`; without it those routes do not exist.
    ///   - readiness: What keeps the service from being of use, in words; nil when nothing does.
    ///   - metrics: Further figures for `/metrics`: of the log, of the projection.
    ///   - onListening: Called with the port once connections are taken.
    ///   - logger: For what goes wrong while serving.
    package init(
        listener: Listener, gate: CallbackGate, options: ServerOptions, readSide: ReadSide? = nil,
        readiness: @escaping @Sendable () async -> String? = { nil },
        metrics: @escaping @Sendable () async -> [Metric] = { [] },
        onListening: @escaping @Sendable (Int) async -> Void = { _ in },
        logger: Logger = Logger(label: "stele.server")
    ) {
        self.listener = listener
        self.gate = gate
        self.options = options
        self.readSide = readSide
        self.readiness = readiness
        self.metrics = metrics
        self.onListening = onListening
        self.logger = logger
    }

    package func run() async throws {
        if gate.isOpen {
            logger.notice("no secret was given: callbacks are taken unsigned, from this machine only")
        }
        try await application.run()
    }

    /// The application, for a group or for tests in memory.
    var application: some ApplicationProtocol {
        let router = Router(context: BasicRequestContext.self)
        let counters = ServerCounters()
        router.add(middleware: ProblemMiddleware(counters: counters))
        ListenRoutes(listener: listener, gate: gate, options: options, counters: counters).add(to: router)
        StatusRoutes(counters: counters, readiness: readiness, metrics: metrics).add(to: router)
        if let readSide { ReadRoutes(readSide: readSide).add(to: router) }
        return Application(
            router: router,
            server: .http1(configuration: .init(idleTimeout: .seconds(options.idleTimeoutSeconds))),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: "stele",
                availableConnectionsDelegate: MaximumAvailableConnections(options.maximumConnections)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}
