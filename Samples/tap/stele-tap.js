// SPDX-License-Identifier: Apache-2.0
//
// Records what one connection of the Easemob SDK (4.x, web and mini-program) sends and sees, and posts it to Stele.
//
//     const tap = SteleTap.attach(conn, { url: 'http://127.0.0.1:8080' })   // before conn.open(…)
//     …
//     await tap.flush()                                                     // before the page goes, if it can wait
//
// Every handler of the SDK is registered once, under a name of the tap's own: the app's handlers stay as they are. Calls
// are passed on untouched, with their results. What the app does never waits for the tap and never fails because of it.
//
// Lines wait in memory, and in the app's storage if it has one, until Stele has answered that they are on its disk. They
// are posted in order. A line posted twice is recorded once: each is numbered.

;(function (root, make) {
  const api = make()
  if (typeof module === 'object' && module.exports) module.exports = api
  else root.SteleTap = api
})(typeof globalThis === 'object' ? globalThis : this, function () {
  'use strict'

  // `onMessage`, and the deprecated `onPresence`, `onGroupChange`, `onChatroomChange` and `onContactChange`, tell again what
  // these tell.
  const HANDLERS = [
    'onTextMessage', 'onImageMessage', 'onAudioMessage', 'onVideoMessage', 'onFileMessage', 'onLocationMessage',
    'onCmdMessage', 'onCustomMessage', 'onCombineMessage',
    'onReceivedMessage', 'onDeliveredMessage', 'onReadMessage', 'onChannelMessage', 'onRecallMessage', 'onModifiedMessage',
    'onReactionChange', 'onMessagePinEvent', 'onChatThreadChange', 'onStatisticMessage',
    'onGroupEvent', 'onChatroomEvent', 'onPresenceStatusChange', 'onMultiDeviceEvent',
    'onContactInvited', 'onContactAdded', 'onContactAgreed', 'onContactRefuse', 'onContactDeleted',
    'onConnected', 'onDisconnected', 'onReconnecting', 'onOnline', 'onOffline', 'onError',
    'onTokenWillExpire', 'onTokenExpired', 'onOfflineMessageSyncStart', 'onOfflineMessageSyncFinish',
  ]

  const CALLS = [
    'open', 'close', 'send', 'recallMessage', 'modifyMessage', 'addReaction', 'deleteReaction', 'pinMessage',
    'unpinMessage', 'joinChatRoom', 'leaveChatRoom',
  ]

  // Of what opens a connection, only who it is: passwords and tokens never leave the app.
  const OPEN_OPTIONS = ['user', 'username']

  const DEFAULTS = {
    // Lines posted at once, and how many milliseconds the first of them may wait.
    batchLines: 100,
    delay: 500,
    // Milliseconds before a failed post is tried again: doubled each time, up to the last.
    firstRetry: 1000,
    lastRetry: 60000,
    // Most characters that wait. What does not fit is counted, and a line says how many were lost.
    maxBuffered: 4 * 1024 * 1024,
  }

  function attach(conn, options) {
    return new Tap(conn, options)
  }

  class Tap {
    constructor(conn, options) {
      if (!options || typeof options.url !== 'string') throw new TypeError("SteleTap: give { url: 'http://…' }.")
      this.options = Object.assign({}, DEFAULTS, options)
      this.session = options.session || newSession()
      this.conn = conn
      this.post = options.post || defaultPost()
      this.storage = options.storage === undefined ? defaultStorage() : options.storage
      this.queue = new Queue(this.options, this.storage, this.session)
      this.references = 0
      this.retryDelay = 0
      this.timer = null
      this.posting = null
      this.undo = []
      this.listen()
      for (const name of options.calls || CALLS) this.wrap(name)
      // What an earlier life of the app could not post goes first.
      if (this.queue.length > 0) this.schedule(0)
    }

    // What is still to be posted, in lines.
    get waiting() {
      return this.queue.length
    }

    // Posts what waits; resolves to whether all of it is on Stele's disk now.
    async flush() {
      this.cancel()
      while (this.queue.length > 0) {
        if (!(await this.postBatch())) {
          this.schedule(this.retryDelay)
          return false
        }
      }
      return true
    }

    // Gives the connection back as it was. What waits is kept: call `flush` first.
    detach() {
      this.cancel()
      for (const step of this.undo.reverse()) step()
      this.undo = []
    }

    // MARK: What happens

    listen() {
      const handlers = {}
      for (const name of this.options.handlers || HANDLERS) {
        handlers[name] = (value) => this.record({ at: Date.now(), flow: 'in', handler: name, message: value })
      }
      const id = `stele-tap-${this.session}`
      this.conn.addEventHandler(id, handlers)
      this.undo.push(() => this.conn.removeEventHandler(id))
    }

    wrap(name) {
      const original = this.conn[name]
      if (typeof original !== 'function') return
      const isOwn = Object.prototype.hasOwnProperty.call(this.conn, name)
      const tap = this
      this.conn[name] = function (...parameters) {
        const ref = String(++tap.references)
        const given = name === 'open' ? pick(parameters[0], OPEN_OPTIONS) : parameters[0]
        tap.record({ at: Date.now(), flow: 'out', call: name, ref, options: given })
        let result
        try {
          result = original.apply(this, parameters)
        } catch (error) {
          tap.record({ at: Date.now(), flow: 'in', ref, rejected: describe(error) })
          throw error
        }
        if (result && typeof result.then === 'function') {
          result.then(
            (value) => tap.record({ at: Date.now(), flow: 'in', ref, resolved: answer(name, value) }),
            (error) => tap.record({ at: Date.now(), flow: 'in', ref, rejected: describe(error) })
          )
        } else {
          tap.record({ at: Date.now(), flow: 'in', ref, resolved: answer(name, result) })
        }
        return result
      }
      this.undo.push(() => {
        if (isOwn) this.conn[name] = original
        else delete this.conn[name]
      })
    }

    record(line) {
      try {
        this.queue.add(line)
        if (this.queue.length >= this.options.batchLines && !this.retryDelay) this.schedule(0)
        else this.schedule(this.retryDelay || this.options.delay)
      } catch (error) {
        // The app must not fail because of the tap.
        this.report(error)
      }
    }

    // MARK: Posting

    schedule(delay) {
      if (this.posting) return
      if (this.timer !== null) {
        if (delay > 0) return
        this.cancel()
      }
      this.timer = setTimeout(() => {
        this.timer = null
        this.postBatch().then((done) => {
          if (this.queue.length > 0) this.schedule(done ? 0 : this.retryDelay)
        })
      }, delay)
    }

    cancel() {
      if (this.timer !== null) clearTimeout(this.timer)
      this.timer = null
    }

    // One at a time, so that lines stay in order. Resolves to whether the batch is on Stele's disk.
    postBatch() {
      if (!this.posting) {
        this.posting = this.postOnce().finally(() => {
          this.posting = null
        })
      }
      return this.posting
    }

    async postOnce() {
      const batch = this.queue.first(this.options.batchLines)
      if (batch.length === 0) return true
      try {
        const address = `${this.options.url.replace(/\/+$/, '')}/tap/${encodeURIComponent(batch[0].session)}`
        const status = await this.post(address, batch.map((entry) => entry.text + '\n').join(''))
        // 400 says that not one line is JSON: they will not get better. Everything else may pass.
        if (status !== 200 && status !== 400) throw new Error(`Stele answered ${status}.`)
        if (status === 400) this.report(new Error(`Stele refused ${batch.length} lines.`))
        this.queue.remove(batch.length)
        this.retryDelay = 0
        return true
      } catch (error) {
        this.report(error)
        this.retryDelay = Math.min(this.retryDelay * 2 || this.options.firstRetry, this.options.lastRetry)
        return false
      }
    }

    report(error) {
      if (typeof this.options.onError === 'function') this.options.onError(error)
    }
  }

  // Lines in order, each with the session it was seen in, and a copy of them in the app's storage.
  class Queue {
    constructor(options, storage, session) {
      this.limit = options.maxBuffered
      this.storage = storage
      this.session = session
      this.saving = null
      this.number = 0
      this.lost = 0
      this.size = 0
      this.entries = this.stored()
      for (const entry of this.entries) this.size += entry.text.length
    }

    get length() {
      return this.entries.length
    }

    add(line) {
      if (this.lost > 0 && this.size < this.limit / 2) {
        this.push({ at: Date.now(), flow: 'none', handler: 'onTapLinesLost', event: { lines: this.lost } })
        this.lost = 0
      }
      if (!this.push(line)) this.lost += 1
      this.save()
    }

    push(line) {
      const text = JSON.stringify(Object.assign(line, { n: this.number + 1 }), cleaner())
      if (this.size + text.length > this.limit) return false
      this.number += 1
      this.entries.push({ session: this.session, text })
      this.size += text.length
      return true
    }

    // The first lines, all of one session.
    first(count) {
      const session = this.entries.length > 0 ? this.entries[0].session : ''
      let end = 0
      while (end < this.entries.length && end < count && this.entries[end].session === session) end += 1
      return this.entries.slice(0, end)
    }

    remove(count) {
      for (const entry of this.entries.splice(0, count)) this.size -= entry.text.length
      this.save()
    }

    // Storage that is full or missing costs what an app that is killed had not posted, and nothing else.
    stored() {
      try {
        return JSON.parse((this.storage && this.storage.get(KEY)) || '[]')
      } catch (error) {
        return []
      }
    }

    // Soon, and once for all lines until then: each time, everything that waits is written.
    save() {
      if (!this.storage || this.saving !== null) return
      this.saving = setTimeout(() => {
        this.saving = null
        try {
          this.storage.set(KEY, JSON.stringify(this.entries))
        } catch (error) {
          // Memory has them.
        }
      }, 200)
    }
  }

  const KEY = 'stele-tap'

  // MARK: Values

  // Leaves out functions, stands a short description in for files and bytes, and cuts circles.
  function cleaner() {
    const above = []
    return function (key, value) {
      if (typeof value === 'bigint') return String(value)
      if (typeof value === 'function' || typeof value === 'symbol') return undefined
      if (value === null || typeof value !== 'object') return value
      while (above.length > 0 && above[above.length - 1] !== this) above.pop()
      if (above.includes(value)) return undefined
      if (typeof Blob === 'function' && value instanceof Blob) {
        return { name: value.name, size: value.size, type: value.type }
      }
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { byteLength: value.byteLength }
      if (value instanceof Error) return describe(value)
      above.push(value)
      return value
    }
  }

  function describe(error) {
    if (error === null || typeof error !== 'object') return { message: String(error) }
    const { type, message, data } = error
    return { type, message, data }
  }

  // Opening a connection answers with a token.
  function answer(name, value) {
    return name === 'open' || value === undefined ? {} : value
  }

  function pick(object, names) {
    const picked = {}
    for (const name of names) if (object && object[name] !== undefined) picked[name] = object[name]
    return picked
  }

  function newSession() {
    const random = () => Math.floor(Math.random() * 0x100000000).toString(16).padStart(8, '0')
    return `${new Date().toISOString().replace(/[-:.]/g, '')}-${random()}${random()}`
  }

  // MARK: Where it runs

  // A function that posts text and resolves to the status.
  function defaultPost() {
    for (const host of miniPrograms()) {
      if (typeof host.request !== 'function') continue
      return (url, body) =>
        new Promise((resolve, reject) => {
          host.request({
            url, method: 'POST', data: body, dataType: 'text', header: { 'content-type': 'text/plain' },
            success: (result) => resolve(result.statusCode || result.status),
            fail: (error) => reject(new Error((error && error.errMsg) || 'the request failed')),
          })
        })
    }
    return async (url, body) => {
      const headers = { 'content-type': 'text/plain' }
      const response = await fetch(url, { method: 'POST', body, headers, credentials: 'omit' })
      return response.status
    }
  }

  function defaultStorage() {
    for (const host of miniPrograms()) {
      if (typeof host.getStorageSync !== 'function') continue
      return { get: (key) => host.getStorageSync(key), set: (key, text) => host.setStorageSync(key, text) }
    }
    try {
      const storage = globalThis.localStorage
      if (storage) return { get: (key) => storage.getItem(key), set: (key, text) => storage.setItem(key, text) }
    } catch (error) {
      // Storage is forbidden to this page.
    }
    return null
  }

  function miniPrograms() {
    const found = []
    if (typeof wx === 'object') found.push(wx)
    if (typeof uni === 'object') found.push(uni)
    return found
  }

  return { attach, HANDLERS, CALLS }
})
