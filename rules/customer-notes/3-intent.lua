-- What somebody wants, and how sure he is: each kind of question adds to his willingness, once. The strongest comes last, so that
-- it stays in the remark. Asking for less adds to his sensitivity to prices.

words.time  = { "什么时候上课", "几点上课", "上课时间是", "什么时间上课", "周末有课吗", "晚上有课吗", "when are the classes", "class times", "classes on weekends", "evening classes", "horario de clases", "a qué hora son las clases", "clases por la tarde" }
words.price = { "学费多少", "学费是多少", "多少钱一节", "课程多少钱", "怎么收费", "how much is the course", "how much are the classes", "what are the fees", "cuánto cuesta el curso", "cuanto cuesta el curso", "precio del curso" }
words.trial = { "可以试听", "能试听", "想试听", "预约试听", "试听课", "试听吗", "有体验课吗", "想上体验课", "可以试课", "想试课", "trial class", "trial lesson", "try a class", "clase de prueba", "probar una clase" }
words.enrol = { "我要报名", "想报名", "怎么报名", "怎么付款", "怎么交费", "i want to enrol", "i want to enroll", "how do i enrol", "how do i enroll", "how do i pay", "quiero inscribirme", "cómo me inscribo", "como me inscribo", "cómo pago" }
words.less  = { "太贵", "太贵了", "有点贵", "能便宜点", "可以便宜点", "能便宜一点", "可以便宜一点", "有优惠吗", "有什么优惠", "有没有优惠", "打折吗", "能打折", "可以打折",
  "too expensive", "it's too expensive", "that's too expensive", "any discount", "is there a discount", "do you have a discount", "can it be cheaper", "could it be cheaper", "is there something cheaper",
  "muy caro", "es muy caro", "demasiado caro", "hay descuento", "tienen descuento", "hay algo más barato", "algo más barato" }
words.not_me = { "不想报名", "不报名", "不试听", "取消报名", "don't want to enrol", "don't want to enroll", "no quiero inscribirme", "sin descuento" }

rule "asks when" {
  on = "message", account = "wechat_personal/adviser",
  keywords = { "{time}" }, except = { "{not_me}" },
  once = true, continue = true,
  set = { intent = "问时间" },
  tag = "intent:time",
  incr = { willing = 1 },
  run = function(e) e:after("5s", "remark") e:after("6s", "layers") end,
  examples = { yes = { "周末有课吗", "do you have evening classes", "¿A qué hora son las clases?" }, no = { "什么时候放假" } },
}

rule "asks the price" {
  on = "message", account = "wechat_personal/adviser",
  keywords = { "{price}" }, except = { "{not_me}" },
  once = true, continue = true,
  set = { intent = "问价" },
  tag = "intent:price",
  incr = { willing = 2 },
  run = function(e) e:after("5s", "remark") e:after("6s", "layers") end,
  examples = { yes = { "学费多少？", "How much is the course?", "¿Cuánto cuesta el curso?" }, no = { "苹果多少钱一斤" } },
}

rule "asks for a trial" {
  on = "message", account = "wechat_personal/adviser",
  keywords = { "{trial}" }, except = { "{not_me}" },
  once = true, continue = true,
  set = { intent = "想试听" },
  tag = "intent:trial",
  incr = { willing = 3 },
  run = function(e) e:after("5s", "remark") e:after("6s", "layers") end,
  examples = { yes = { "可以试听吗", "a trial class please", "clase de prueba" }, no = { "不试听" } },
}

rule "wants to enrol" {
  on = "message", account = "wechat_personal/adviser",
  keywords = { "{enrol}" }, except = { "{not_me}" },
  once = true, continue = true,
  set = { intent = "要报名" },
  tag = "intent:enrol",
  incr = { willing = 5 },
  run = function(e) e:after("5s", "remark") e:after("6s", "layers") end,
  examples = { yes = { "我要报名", "how do I pay", "quiero inscribirme" }, no = { "不想报名", "I don't want to enrol" } },
}

rule "asks for less" {
  on = "message", account = "wechat_personal/adviser",
  match = [[(?:^|[,.!?;。¡¿、]\s*){less}\s*(?:吗|啊|呀|吧)?\s*(?:[,.!?;。、]|$)]], -- a clause of its own: "it is cheaper in town" asks for nothing
  except = { "{not_me}" },
  cooldown = "1h", continue = true,
  incr = { sensitive = 1 },
  run = function(e) e:after("6s", "layers") end,
  examples = { yes = { "有优惠吗", "It's too expensive.", "¿Hay descuento?" }, no = { "不贵", "food is cheaper here" } },
}

rule "gives a mobile" {
  title = "writes a number by which he wants to be called",
  on = "message", account = "wechat_personal/adviser",
  match = { [[(?<!\d)(1[3-9]\d(?:[ -]?\d){8})(?!\d)]],
            [[(?:call me|my number|my phone|mi número|mi numero|mi teléfono|mi telefono|llámame)\D{0,12}((?:\+\d{1,3}[ -]?)?[1-9](?:[ -]?\d){8,10})(?!\d)]] },
  except = { "客服", "订单", "快递", "单号" },
  continue = true,
  run = function(e)
    local found = e.match[1]
    if not found or found == "" then return false end
    e:set { mobile = found }
    if not e.person.tags["has:mobile"] then
      e:incr { willing = 2 } -- who corrects his number is not surer than before
      e:tag("has:mobile")
    end
    e:after("5s", "remark")
    e:after("6s", "layers")
  end,
  examples = { yes = { "我的电话 13812345678", "13812345678", "call me: +34 612 345 678" }, no = { "订单号码 13812345678", "110" } },
}

rule "remark" {
  title = "name, source, intent, mobile, where the adviser sees them",
  on = "timer", account = "wechat_personal/adviser",
  cooldown = "5s", -- as long as the rules above wait: what is set meanwhile stands in the remark already
  remark = "{person.name|客户} {field.source|来源未知} {field.intent|未问} {field.mobile|无电话}",
}
