# Oversteps its grants, and says how each attempt ended.
def attempt(name)
  puts "#{name} #{yield}"
rescue SystemCallError => e
  puts "#{name} #{e.class}"
end

attempt("write") { File.write("/app/inbox/a.json", "x") }
attempt("delete") { File.delete("/app/inbox/a.json") }
attempt("outside") { File.read("/app/../etc/passwd") }
attempt("list") { Dir.children("/job") }
attempt("append") { File.open("/job/log", "a") { |log| log.write("one\n") } }
attempt("rewrite") { File.write("/job/log", "two\n") }
attempt("fill") { File.open("/job/log", "a") { |log| 20.times { log.syswrite("x" * 1000) } } }
attempt("size") { File.size("/job/log") <= 10_240 }
