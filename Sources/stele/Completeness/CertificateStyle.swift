// SPDX-License-Identifier: Apache-2.0

/// The look of a certificate: light and dark, wide and narrow, on screen and on paper.
enum CertificateStyle {
    static let text = """
        :root{color-scheme:light dark;--page:#f3f4f4;--card:#fff;--line:#dde1e3;--ink:#1c1f21;--soft:#62696e;--faint:#a5abb0;\
        --good:#17855a;--bad:#b3261e;--warn:#8f5f00;--goodBack:#e3f4ea;--badBack:#fbe9e7;--warnBack:#fff6df}
        @media (prefers-color-scheme:dark){:root{--page:#16181a;--card:#1e2124;--line:#30353a;--ink:#e6e7e8;--soft:#9aa0a6;\
        --faint:#5b6167;--good:#4fbf8b;--bad:#f08a80;--warn:#d9a441;--goodBack:#173126;--badBack:#3a1f1d;--warnBack:#33290f}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 -apple-system,BlinkMacSystemFont,"Segoe UI",\
        Roboto,"Helvetica Neue","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",\
        sans-serif}
        main{max-width:1080px;margin:0 auto;padding:36px 24px 72px}
        h1,h2,h3,h4,p,ul,ol,dl,dd{margin:0;padding:0}
        h1{font-size:26px;font-weight:650;letter-spacing:-.01em}
        h2{font-size:20px;font-weight:600;margin:40px 0 12px}
        h3{font-size:15px;font-weight:600;margin:28px 0 10px}
        h4{font-size:12.5px;font-weight:600;color:var(--soft);margin:10px 0 2px}
        ul,ol{list-style:none}
        i{font-style:normal;color:var(--faint)}
        code{font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
        .verdict{display:inline-block;margin-top:12px;padding:7px 16px;border-radius:99px;font-weight:600}
        .verdict.closed{color:var(--good);background:var(--goodBack)}
        .verdict.open{color:var(--bad);background:var(--badBack)}
        .facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:5px 20px;margin-top:24px;padding:18px 22px;\
        background:var(--card);border:1px solid var(--line);border-radius:12px;font-size:14px}
        dt{color:var(--soft)}
        dd{overflow-wrap:anywhere}
        .sums{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px}
        .sums li{padding:12px 16px;background:var(--card);border:1px solid var(--line);border-radius:12px;font-size:12.5px;\
        line-height:1.4;color:var(--soft)}
        .sums b{display:block;font-size:24px;font-weight:600;color:var(--ink);font-variant-numeric:tabular-nums}
        .sums .good b{color:var(--good)}
        .none{color:var(--soft)}
        .gaps li{padding:12px 16px;background:var(--card);border:1px solid var(--line);border-inline-start:4px solid var(--bad);\
        border-radius:10px;font-size:14px}
        .gaps li+li{margin-top:8px}
        .gaps .closed{border-inline-start-color:var(--good)}
        .gaps p{overflow-wrap:anywhere}
        .gaps p+p{color:var(--soft);font-size:13px;margin-top:3px}
        .state{margin:0 8px;padding:1px 9px;border-radius:99px;font-size:12px;font-weight:600;color:var(--bad);\
        background:var(--badBack)}
        .closed .state{color:var(--good);background:var(--goodBack)}
        .when{color:var(--soft);font-variant-numeric:tabular-nums}
        .ids code{color:var(--soft);margin-inline-end:6px}
        .wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px}
        table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
        th,td{padding:6px 12px;text-align:start;border-top:1px solid var(--line)}
        thead th{border-top:0;font-weight:500;color:var(--soft);vertical-align:bottom;line-height:1.3}
        tbody th{font-weight:400;white-space:nowrap}
        .n{text-align:end}
        td.only{color:var(--warn)}
        tr.differs{background:var(--warnBack)}
        td.basis{white-space:nowrap;color:var(--soft)}
        .basis.yes{color:var(--good)}
        .basis.cut{color:var(--bad)}
        details{padding:8px 0;border-bottom:1px solid var(--line);font-size:14px}
        summary{cursor:pointer;font-variant-numeric:tabular-nums}
        .words{margin-top:44px;padding-top:8px;border-top:1px solid var(--line)}
        .words ul{max-width:76ch}
        .words li{position:relative;padding-inline-start:18px;margin:7px 0;font-size:14px}
        .words li::before{content:"";position:absolute;inset-inline-start:2px;top:.66em;width:6px;height:6px;border-radius:50%;\
        background:var(--faint)}
        @media (max-width:640px){main{padding:20px 12px 48px}.facts{grid-template-columns:minmax(0,1fr);gap:0}\
        dd{margin-bottom:8px}.when{display:block}}
        @media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--faint:#888;--line:#bbb;--good:#000;--bad:#000;\
        --warn:#000;--goodBack:#fff;--badBack:#fff;--warnBack:#f2f2f2}@page{margin:14mm 13mm}body{font-size:10.5pt}\
        main{max-width:none;padding:0}.verdict{border:1px solid #000}.wide{overflow:visible;border:0}\
        .gaps li,tr,.sums li{break-inside:avoid}thead{display:table-header-group}\
        details::details-content{content-visibility:visible;block-size:auto}}
        """
}
