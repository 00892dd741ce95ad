// SPDX-License-Identifier: Apache-2.0

/// The script of every page: search, dates, hidden characters, light and dark.
///
/// The page reads well without it. It builds no markup out of text: hits are ranges painted by the browser, where it can, and an outline where it cannot.
enum PageScript {
    static let text = #"""
        (function () {
          'use strict';
          var root = document.documentElement;
          var byId = function (id) { return document.getElementById(id); };
          var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };
          all('.tools').forEach(function (tools) { tools.hidden = false; });

          function press(id, isOn) { var b = byId(id); if (b) b.setAttribute('aria-pressed', isOn ? 'true' : 'false'); }
          function onClick(id, act) { var b = byId(id); if (b) b.addEventListener('click', act); }

          // Light and dark. Storage may be forbidden for pages from disk: the choice then lasts for this page.
          function stored(value) {
            try {
              if (value === undefined) return localStorage.getItem('stele-light');
              localStorage.setItem('stele-light', value);
            } catch (e) { return null; }
          }
          var light = stored();
          if (light === 'on' || light === 'off') root.dataset.light = light;
          onClick('light', function () {
            var isDark = root.dataset.light ? root.dataset.light === 'off'
              : window.matchMedia('(prefers-color-scheme: dark)').matches;
            root.dataset.light = isDark ? 'on' : 'off';
            stored(root.dataset.light);
          });

          onClick('dates', function () { press('dates', root.classList.toggle('dates')); });
          all('.days a').forEach(function (a) {
            a.addEventListener('click', function () { root.classList.remove('dates'); press('dates', false); });
          });

          // Hidden characters: those that turn the direction are marked in the page, those without width are marked here.
          var hidden = /[\u00AD\u034F\u115F\u1160\u180E\u200B-\u200D\u2060-\u2064\u3164\uFEFF\uFFA0]/;
          var isMarked = false;
          function markHidden() {
            if (isMarked) return;
            isMarked = true;
            textNodes().forEach(function (node) {
              var at;
              while (node && (at = node.data.search(hidden)) >= 0) {
                var rest = node.splitText(at);
                node = rest.splitText(1);
                var mark = document.createElement('i');
                mark.className = 'u';
                mark.dataset.u = 'U+' + ('000' + rest.data.charCodeAt(0).toString(16).toUpperCase()).slice(-4);
                rest.parentNode.replaceChild(mark, rest);
                mark.appendChild(rest);
              }
            });
          }
          onClick('marks', function () { markHidden(); press('marks', root.classList.toggle('marks')); });

          // Search. Text is compared in lower case; a hit lies within one piece of text.
          function textNodes() {
            var nodes = [], node, main = document.querySelector('main');
            var walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT, {
              acceptNode: function (n) {
                return n.parentNode.closest('.facts,.av,.day,.x,.turn,.end,.n.v') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
              }
            });
            while ((node = walker.nextNode())) nodes.push(node);
            return nodes;
          }
          var box = byId('q'), count = byId('hits'), hits = [], current = -1, limit = 10000;
          var canPaint = !!(window.CSS && CSS.highlights && window.Highlight);
          function paint() {
            if (canPaint) {
              CSS.highlights.set('hit', new Highlight(...hits));
              CSS.highlights.set('now', hits[current] ? new Highlight(hits[current]) : new Highlight());
            }
            count.textContent = !box.value ? '' : hits.length ? (current + 1) + '/' + hits.length + (hits.length === limit ? '+' : '') : '0';
          }
          function find() {
            hits = []; current = -1;
            var needle = box.value.toLowerCase();
            if (needle) textNodes().some(function (node) {
              var hay = node.data.toLowerCase(), at = -1;
              // A few letters change length in lower case: such a piece is compared as it is.
              if (hay.length !== node.data.length) hay = node.data;
              while ((at = hay.indexOf(needle, at + 1)) >= 0 && hits.length < limit) {
                var range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + needle.length);
                hits.push(range);
              }
              return hits.length >= limit;
            });
            if (hits.length) go(0); else paint();
          }
          function go(index) {
            if (!hits.length) return;
            current = (index + hits.length) % hits.length;
            var element = hits[current].startContainer.parentNode;
            for (var up = element; up; up = up.parentNode) if (up.tagName === 'DETAILS') up.open = true;
            all('.at').forEach(function (e) { e.classList.remove('at'); });
            if (!canPaint) (element.closest('.b') || element).classList.add('at');
            element.scrollIntoView({ block: 'center' });
            paint();
          }
          if (box) {
            var wait;
            box.addEventListener('input', function () { clearTimeout(wait); wait = setTimeout(find, 120); });
            box.addEventListener('keydown', function (event) {
              if (event.key === 'Enter') { event.preventDefault(); go(current + (event.shiftKey ? -1 : 1)); }
              if (event.key === 'Escape') { box.value = ''; find(); }
            });
            onClick('next', function () { go(current + 1); });
            onClick('prev', function () { go(current - 1); });
            document.addEventListener('keydown', function (event) {
              if (event.key === '/' && document.activeElement !== box) { event.preventDefault(); box.focus(); }
            });
          }

          var filter = byId('filter');
          if (filter) filter.addEventListener('input', function () {
            var needle = filter.value.toLowerCase();
            all('.row').forEach(function (row) { row.hidden = row.textContent.toLowerCase().indexOf(needle) < 0; });
          });

          // On paper nothing can be opened: earlier versions and bundles are printed open.
          var opened = [];
          window.addEventListener('beforeprint', function () {
            opened = all('details.v:not([open]),details.in:not([open])');
            opened.forEach(function (d) { d.open = true; });
          });
          window.addEventListener('afterprint', function () { opened.forEach(function (d) { d.open = false; }); opened = []; });
        })();

        """#
}
