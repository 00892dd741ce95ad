// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore

/// The routes that operators and monitoring ask.
struct StatusRoutes<Context: RequestContext>: Sendable {
    let counters: ServerCounters
    let readiness: @Sendable () async -> String?
    let metrics: @Sendable () async -> [Metric]

    func add(to router: some RouterMethods<Context>) {
        router.get("healthz") { _, _ in Response(json: Array("{\"ok\":true}\n".utf8)) }
        router.get("readyz") { _, _ in
            if let obstacle = await readiness() {
                throw Problem(.serviceUnavailable, obstacle, hint: "Wait, or see the server's log.")
            }
            return Response(json: Array("{\"ready\":true}\n".utf8))
        }
        router.get("metrics") { _, _ in
            let text = Metric.text(counters.current.metrics + (await metrics()))
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
    }
}
