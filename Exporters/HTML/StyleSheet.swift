// SPDX-License-Identifier: Apache-2.0

/// The look of every page: light and dark, wide and narrow, on screen and on paper.
enum StyleSheet {
    private static let dark = """
        --page:#16181a;--bar:#1c1f22;--line:#2c3034;--ink:#e6e7e8;--soft:#9aa0a6;--faint:#71777d;\
        --left:#24282c;--right:#1f4a35;--rightInk:#e9f5ee;--card:#2b3035;--cardLine:#3a4046;--link:#7cc4ff;\
        --accent:#4fbf8b;--warn:#d9a441;--bad:#f08a80;--hit:#7a5c00;--now:#c98a00;--shade:0 1px 1px #0006;
        """

    static let text = """
        :root{color-scheme:light dark;--page:#eff1f2;--bar:#f9fafa;--line:#dde1e3;--ink:#1c1f21;--soft:#62696e;\
        --faint:#8b9297;--left:#fff;--right:#cdeed9;--rightInk:#12281c;--card:#f5f7f8;--cardLine:#e0e4e6;\
        --link:#0b66b7;--accent:#17855a;--warn:#8f5f00;--bad:#b3261e;--hit:#ffe58a;--now:#ffb62e;\
        --shade:0 1px 1px #0000000d}
        @media (prefers-color-scheme:dark){:root:not([data-light=on]){\(dark)}}
        :root[data-light=off]{color-scheme:dark;\(dark)}
        :root[data-light=on]{color-scheme:light}
        *{box-sizing:border-box}
        html{scroll-padding-top:76px;-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 -apple-system,BlinkMacSystemFont,"Segoe UI",\
        Roboto,"Helvetica Neue","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",\
        "Source Han Sans SC",sans-serif,"Apple Color Emoji","Segoe UI Emoji","Noto Color Emoji"}
        h1,h2,p,ul,ol,dl,dd,pre{margin:0;padding:0}
        ul,ol{list-style:none}
        i{font-style:normal}
        small{font-size:12px;color:var(--soft)}
        a{color:var(--link);text-underline-offset:2px;overflow-wrap:anywhere}
        time{font-variant-numeric:tabular-nums}
        [hidden]{display:none!important}
        summary{cursor:pointer}
        :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}

        .top{position:sticky;top:0;z-index:5;display:flex;align-items:center;gap:10px 14px;padding:9px 18px;\
        background:var(--bar);border-bottom:1px solid var(--line)}
        .home{font-size:26px;line-height:1;padding:2px 8px 6px 0;text-decoration:none;color:var(--soft)}
        .who{flex:1;min-width:0}
        h1{font-size:17px;line-height:1.35;font-weight:600;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .who p{font-size:12px;color:var(--soft);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .tools,.find{display:flex;align-items:center;gap:6px}
        .find{position:relative}
        .find output{position:absolute;right:90px;font-size:12px;color:var(--soft);pointer-events:none;\
        font-variant-numeric:tabular-nums}
        button,input{font:inherit;color:inherit;background:var(--left);border:1px solid var(--line);border-radius:8px;\
        height:34px}
        button{min-width:34px;padding:0 8px;cursor:pointer;font-size:14px}
        button:hover{border-color:var(--faint)}
        button[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:#fff}
        input{width:230px;padding:0 60px 0 12px;min-width:0}
        #filter{padding-right:12px}
        input:placeholder-shown{padding-right:8px}
        input:placeholder-shown~button{display:none}
        input::placeholder{color:var(--faint);opacity:1}

        main{max-width:820px;margin:0 auto;padding:18px 18px 60px}
        .chat+.chat{margin-top:44px;padding-top:26px;border-top:1px solid var(--line)}
        .head{margin-bottom:10px}
        .facts{margin:2px 0 6px;padding:14px 16px;border:1px solid var(--line);border-radius:12px;background:var(--bar);\
        font-size:13px;color:var(--soft)}
        .people{display:flex;flex-wrap:wrap;gap:8px 20px;margin-bottom:8px;color:var(--ink)}
        .people li{display:flex;align-items:center;gap:8px}
        .people .av{width:26px;height:26px;font-size:12px;border-radius:8px}
        .id{font-size:12px;color:var(--soft)}
        .day{margin:26px 0 14px;text-align:center;font-size:12px;font-weight:500;color:var(--soft);\
        font-variant-numeric:tabular-nums}
        .day time{font-weight:600}
        .note,.end,.none,.turn{margin:14px auto;text-align:center;font-size:12.5px;color:var(--soft);max-width:86%;\
        overflow-wrap:anywhere}
        .note time{color:var(--faint);margin-inline-end:2px}
        .none{padding:40px 0;font-size:14px}
        .end{color:var(--faint);margin-top:34px}
        .turn a{display:inline-block;padding:6px 18px;border:1px solid var(--line);border-radius:99px;\
        background:var(--left);text-decoration:none}

        .m,.bm{display:flex;gap:10px;align-items:flex-start}
        .m{margin-top:16px}
        .m.c{margin-top:9px}
        .m.c .av{visibility:hidden;height:1px}
        .m.r{flex-direction:row-reverse}
        .w{display:flex;flex-direction:column;align-items:flex-start;min-width:0;max-width:min(78%,600px)}
        .m.r>.w{align-items:flex-end}
        .av{flex:none;display:grid;place-items:center;width:38px;height:38px;border-radius:11px;background:#8b9297;\
        color:#fff;font-size:15px;font-weight:600;user-select:none;overflow:hidden}
        .n{font-size:12.5px;color:var(--soft);margin:0 2px 3px;max-width:100%;overflow-wrap:anywhere}
        .pn{font-weight:600;color:var(--ink)}
        .n.v{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .b{max-width:100%;min-width:0}
        .b>.t,.b>.card,.b>.file,.v .t{background:var(--left);border-radius:4px 14px 14px 14px;box-shadow:var(--shade)}
        .c .b>*{border-top-left-radius:14px!important}
        .b>.t{padding:8px 13px}
        .r .b>.t{background:var(--right);color:var(--rightInk);border-radius:14px 4px 14px 14px}
        .r .b>.card,.r .b>.file{border-radius:14px 4px 14px 14px}
        .r.c .b>*{border-top-right-radius:14px!important}
        .r .t a{color:inherit}
        .t{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;font-family:inherit}
        .th{font-size:12px;color:var(--accent);margin:0 2px 3px}

        .flag{font-size:12px;color:var(--warn);margin:0 2px 4px;max-width:100%;overflow-wrap:anywhere}
        .flag::before{content:"";display:inline-block;width:7px;height:7px;margin-inline-end:6px;border-radius:50%;\
        background:currentColor;vertical-align:1px}
        .flag.bad{color:var(--bad)}
        .flag.to{color:var(--accent)}
        .m.rc .b>*{background:transparent!important;box-shadow:none!important;border:1px dashed var(--faint);\
        color:var(--soft)!important}
        .m.rc .b .t{text-decoration:line-through;text-decoration-thickness:1px;\
        text-decoration-color:color-mix(in srgb,currentColor 60%,transparent)}
        .m.un .b>*{background:transparent!important;box-shadow:none!important;border:1px dashed currentColor;\
        color:var(--soft)!important}

        .card,.file{padding:10px 13px;min-width:230px;max-width:100%;font-size:14px;overflow-wrap:anywhere}
        .card b{display:block;font-weight:600}
        .card,.card .file,.bm .file{border:1px solid var(--cardLine);border-radius:12px}
        .file{display:flex;align-items:center;gap:12px;flex-wrap:wrap;color:inherit;text-decoration:none}
        .what{display:flex;flex-direction:column;min-width:0;flex:1}
        .fn{font-weight:500;overflow-wrap:anywhere}
        .sign{flex:none;width:40px;height:40px;border-radius:10px;fill:none;stroke:currentColor;stroke-width:1.7;\
        stroke-linecap:round;stroke-linejoin:round;color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,transparent)}
        .gone .sign{color:var(--soft);background:color-mix(in srgb,var(--faint) 14%,transparent)}
        .why{display:block;color:var(--warn)}
        .file .why{flex-basis:100%;margin-top:-4px}
        .place{display:flex;gap:12px}
        .pic{display:block}
        img,video{display:block;max-width:min(100%,340px);max-height:420px;width:auto;height:auto;border-radius:12px;\
        background:var(--card)}
        audio{display:block;width:280px;max-width:100%;height:40px}
        .len{margin-inline-start:6px}
        table{border-collapse:collapse;margin-top:6px;font-size:13px}
        th,td{padding:3px 14px 3px 0;text-align:start;vertical-align:top;overflow-wrap:anywhere}
        th{font-weight:400;color:var(--soft);white-space:nowrap}
        .bundle{border-inline-start:3px solid var(--accent)!important}
        .sum{white-space:pre-wrap;color:var(--soft);font-size:13px}
        .in{margin-top:8px;border-top:1px solid var(--cardLine);padding-top:7px}
        .in>summary{font-size:13px;color:var(--link)}
        .bm{margin-top:12px;gap:8px}
        .bm .av{width:28px;height:28px;font-size:12px;border-radius:8px}
        .bm .w{max-width:100%;flex:1}
        .bm .n{margin:0 0 1px}
        .bm .n time{color:var(--faint)}
        .bm .card{width:100%;min-width:0;background:var(--card)}

        .re{display:flex;flex-wrap:wrap;gap:5px;margin:5px 2px 0}
        .re li{font-size:12.5px;line-height:1.5;padding:1px 9px;border-radius:99px;border:1px solid var(--line);\
        background:var(--bar)}
        .v,.x,.cmd{font-size:12px;color:var(--soft)}
        .v{margin:4px 2px 0;max-width:100%}
        .v ol{margin:6px 0 2px;padding-inline-start:12px;border-inline-start:2px solid var(--line)}
        .v li+li{margin-top:8px}
        .v .t{padding:0;background:none;box-shadow:none;font-size:14px;color:var(--soft)}
        .x{margin:2px 2px 0;max-width:100%}
        .x>summary{list-style:none;color:var(--faint);border-radius:4px}
        .x>summary::-webkit-details-marker{display:none}
        .x>summary:hover,.x[open]>summary{color:var(--ink)}
        .x>summary::after{content:"";display:inline-block;width:5px;height:5px;margin:0 2px 2px 8px;opacity:.7;\
        border:solid currentColor;border-width:0 1.5px 1.5px 0;transform:rotate(45deg)}
        .x[open]>summary::after{transform:rotate(225deg);margin-bottom:-1px}
        .x>summary span{margin-inline-start:7px}
        .x[open]{width:100%}
        dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 14px;margin:6px 0 4px;padding:10px 13px;\
        border:1px solid var(--line);border-radius:10px;background:var(--bar);color:var(--ink);text-align:start;\
        font-size:12px;font-variant-numeric:tabular-nums}
        dt{color:var(--soft)}
        dd{overflow-wrap:anywhere;min-width:0}
        code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;font-size:11.5px;\
        white-space:pre-wrap;overflow-wrap:anywhere}
        .cmd{margin:10px auto;text-align:center;color:var(--faint)}
        .cmd details{display:inline-block;max-width:86%}
        .cmd pre{margin-top:6px;color:var(--ink)}

        .k{opacity:.55}
        .u::before{display:none}
        .marks .u::before,.fn .u::before,.pn .u::before,.id .u::before{display:inline;content:attr(data-u);\
        font:600 10px/1 ui-monospace,monospace;color:#fff;background:var(--bad);border-radius:3px;padding:1px 3px;margin:0 1px}
        .marks .u,.fn .u,.pn .u,.id .u{display:inline-block;unicode-bidi:isolate}
        ::highlight(hit){background:var(--hit);color:inherit}
        ::highlight(now){background:var(--now);color:#000}
        .at{outline:2px solid var(--now);outline-offset:4px;border-radius:10px}

        .days{position:fixed;z-index:4;right:0;top:56px;bottom:0;width:190px;overflow:auto;padding:16px;font-size:13px;\
        font-variant-numeric:tabular-nums;background:var(--bar);border-left:1px solid var(--line);display:none}
        .dates .days{display:block}
        .days p{font-weight:600;margin:14px 0 4px}
        .days a,.calendar a{display:flex;justify-content:space-between;gap:10px;padding:4px 8px;border-radius:7px;\
        color:inherit;text-decoration:none}
        .days a:hover,.calendar a:hover{background:var(--card)}
        .days span,.calendar span{color:var(--faint)}
        .days .all{margin-top:10px;color:var(--link)}
        .calendar h2{font-size:15px;margin:22px 0 8px}
        .calendar ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:2px 10px}
        .contents{margin:0 0 26px;font-size:14px}
        .contents li{padding:3px 0}

        .list{padding-top:12px}
        .row{display:flex;align-items:center;gap:14px;padding:12px 14px;border-radius:12px;color:inherit;text-decoration:none}
        .row:hover{background:var(--left)}
        .row+.row{margin-top:2px}
        .row .what{flex:1}
        .row b{font-weight:600;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .row small{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .row .when{flex:none;text-align:end;font-size:12.5px;font-variant-numeric:tabular-nums}

        .c0{background:#3d7dca}.c1{background:#2f8f6b}.c2{background:#b5651d}.c3{background:#8a5cc2}.c4{background:#c2506f}
        .c5{background:#4b7f8c}.c6{background:#6b7f2a}.c7{background:#a3558f}.c8{background:#5667b5}.c9{background:#a8772a}
        .c10{background:#3a8c8c}.c11{background:#7d6a5b}

        @media (max-width:680px){
        .top{flex-wrap:wrap;padding:8px 12px}.tools{width:100%}.find{flex:1}input{width:100%}
        main{padding:10px 10px 40px}.w{max-width:calc(100% - 46px)}.av{width:34px;height:34px}
        html{scroll-padding-top:112px}.days{top:98px}
        .card,.file{min-width:0}.row{padding:10px 4px}.row .when{max-width:42%}
        dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:5px}
        }
        @media print{
        :root{--page:#fff;--bar:#fff;--left:#fff;--right:#fff;--rightInk:#000;--card:#fff;--ink:#000;--soft:#444;--faint:#666;\
        --line:#bbb;--cardLine:#bbb;--link:#000;--accent:#333;--warn:#444;--bad:#000;--shade:none}
        @page{margin:14mm 13mm}
        body{font-size:10.5pt}
        .top{position:static;padding:0 0 8px;border-bottom:1px solid #000}
        .tools,.days,.home,.turn,.x>summary::after,audio{display:none!important}
        main{max-width:none;padding:8px 0}
        .m,.note,.bm,.facts,img,dl{break-inside:avoid}
        .m:has(.in),.bm:has(.in){break-inside:auto}
        .day{break-after:avoid}
        .b>.t,.b>.card,.b>.file{border:1px solid #bbb;box-shadow:none}
        .r .b>.t{border-color:#555}
        .av{background:#fff!important;color:#000;border:1px solid #999}
        .bm .w,.in{break-inside:auto}
        a{text-decoration:none}
        .chat+.chat{break-before:page}
        }

        """
}
