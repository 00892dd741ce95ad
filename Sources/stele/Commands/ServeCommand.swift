// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import SteleListener
import SteleLog
import SteleServer

/// `stele serve`: the listener, the live views and the API in one process.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Listens for callbacks and taps over HTTP, and answers questions about the archive.",
        discussion: """
            POST /callback takes post-send callbacks, POST /callback/pre pre-send ones, POST /tap/SESSION the lines \
            of an SDK tap. An answer of 200 means that the record is on stable storage. GET /healthz, /readyz and \
            /metrics are for monitoring, GET /api/… is the read side. The views follow the log while it runs.

            With secrets, only callbacks signed by one of their app's secrets are taken. Without any, unsigned \
            callbacks are taken on loopback addresses only. SIGTERM and SIGINT finish what was accepted, then stop.

            With --mirror, whatever is durable is shipped to a second folder all the time, and checked there. What \
            happens to that disk never keeps recording up; 'stele status' tells how far behind it is.

            With --fetch-attachments, the files that messages name are fetched as the messages come, beside the recording \
            and never in its way: the platform deletes them after seven days. It is off by itself, because then this \
            machine asks hosts that senders of messages name; --fetch-hosts narrows them down.

            Examples:
              stele serve --fetch-attachments --fetch-hosts '*.easemob.com,*.aliyuncs.com'
              stele serve --mirror /mnt/second-disk/stele
              stele serve --listen 0.0.0.0:8080 --secret 'org#app=one' --secret 'org#app=another'
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "Where to listen; port 0 takes a free one (STELE_LISTEN, default \(Settings.listen.fallback)).",
            valueName: "host:port"))
    var listen: ListenAddress?

    @Option(
        help: ArgumentHelp(
            "A secret of one of an app's callback rules; may repeat, also for one app (STELE_SECRET).",
            valueName: "appkey=secret"))
    var secret: [AppSecret] = []

    @Option(
        help: ArgumentHelp(
            "Keeps a second copy of the archive in this folder, on another disk (STELE_MIRROR).",
            valueName: "dir"))
    var mirror: String?

    @Flag(
        inversion: .prefixedNo,
        help:
            "Fetches attachments, thumbnails and combine-forward bundles (STELE_FETCH_ATTACHMENTS=true, default off)."
    )
    var fetchAttachments: Bool?

    @OptionGroup(title: "Fetching") var fetch: FetchOptions

    @Option(
        help: ArgumentHelp(
            "Takes callbacks of this kind without a signature too; may repeat: \(Self.unsignedKinds).",
            valueName: "kind"))
    var allowUnsigned: [CallbackGate.UnsignedKind] = []

    @Flag(help: "Takes taps although others than this machine can connect: nothing signs them.")
    var allowTap = false

    @Option(
        help: ArgumentHelp(
            "Takes taps from web pages of this origin; may repeat. Pages of others are refused.",
            valueName: "origin"))
    var tapOrigin: [String] = []

    @Flag(help: "Answers /api although others than this machine can connect: nobody has to sign in to read.")
    var allowReading = false

    @Option(
        help: ArgumentHelp(
            "While the log grows, keep a signed checkpoint this often; one is kept at the end in any case.",
            valueName: "seconds"))
    var checkpointInterval: Int64 = 3600

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup(title: "Storage") var storage: StorageOptions

    @Option(
        help: ArgumentHelp(
            "Largest callback, in bytes; a larger one is refused with 413.", valueName: "bytes"))
    var maxCallback = ServerOptions().maximumCallbackBytes

    @Option(
        help: ArgumentHelp("Largest body of a tap request, in bytes; held in memory.", valueName: "bytes"))
    var maxTap = ServerOptions().maximumTapBytes

    @Option(help: ArgumentHelp("Connections open at once; further ones wait.", valueName: "n"))
    var maxConnections = ServerOptions().maximumConnections

    @Option(help: ArgumentHelp("How long a client may take to send one body.", valueName: "seconds"))
    var bodyTimeout: Int64 = ServerOptions().bodyTimeout.components.seconds

    @Option(
        help: ArgumentHelp("How long a connection may be silent before it is closed.", valueName: "seconds"))
    var idleTimeout = ServerOptions().idleTimeoutSeconds

    @Option(help: ArgumentHelp("How much to say on standard error: debug, info, notice, warning, error."))
    var logLevel = Logger.Level.notice

    private static var unsignedKinds: String {
        CallbackGate.UnsignedKind.allCases.map(\.rawValue).joined(separator: ", ")
    }

    func validate() throws {
        guard checkpointInterval > 0 else {
            throw ValidationError("--checkpoint-interval is at least a second.")
        }
        guard maxCallback > 0, maxTap > 0, maxConnections > 0, bodyTimeout > 0, idleTimeout > 0 else {
            throw ValidationError("Limits are above zero.")
        }
    }

    func run() async throws {
        let address = try Settings.listen.value(flag: listen)
        let gate = try gate(at: address)
        let level = logLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let archive = try archive.existingOrNew()
        let service = try ArchiveService(
            archive: archive, gate: gate, server: serverOptions(at: address), listener: limits.options,
            storage: storage.options,
            mirror: Settings.mirror(flag: mirror),
            fetch: try Settings.fetchAttachments.value(flag: fetchAttachments) ? fetch.limits : nil,
            isReadable: allowReading || ServerOptions.isLoopback(address.host),
            checkpoints: key.keeper(of: archive), checkpointInterval: .seconds(checkpointInterval))
        try await service.run { port in
            try announce(ListenAddress(host: address.host, port: port), service.archive)
        }
    }

    private func gate(at address: ListenAddress) throws -> CallbackGate {
        let secrets = Dictionary(grouping: try Settings.secrets(flags: secret), by: \.app)
        let isLoopback = ServerOptions.isLoopback(address.host)
        guard isLoopback || !secrets.isEmpty else {
            throw ValidationError(
                "Others than this machine can connect to \(address.host): give --secret APPKEY=SECRET, or listen on 127.0.0.1."
            )
        }
        return CallbackGate(
            secrets: secrets.mapValues { $0.map(\.secret) }, allowUnsigned: Set(allowUnsigned),
            isLoopback: isLoopback)
    }

    private func serverOptions(at address: ListenAddress) -> ServerOptions {
        var options = ServerOptions()
        options.host = address.host
        options.port = address.port
        options.maximumCallbackBytes = min(maxCallback, limits.payloadBytes)
        options.maximumTapBytes = maxTap
        options.maximumConnections = maxConnections
        options.bodyTimeout = .seconds(bodyTimeout)
        options.idleTimeoutSeconds = idleTimeout
        options.tapOrigins = Set(tapOrigin)
        options.isTapOpen = allowTap || ServerOptions.isLoopback(address.host)
        return options
    }

    private func announce(_ address: ListenAddress, _ archive: Archive) throws {
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("url", "http://\(address)")
            line.add("archive", archive.path)
            try output.print(line)
        } else {
            try output.print("Listening on http://\(address), recording into \(archive.path).")
        }
        try output.flush()
    }
}
