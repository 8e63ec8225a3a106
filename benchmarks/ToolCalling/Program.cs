using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Benchmarks.ToolCalling;
using Connector.Benchmarks.ToolCalling.Conversations;

var report = new Report("tool-calling", Console.Out);
var rows = ConversationFile.Read(BenchmarkFiles.RealTools.FullName);
if (args.Length > 0) rows = [.. rows.Where((_, i) => i % int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) == 0)];
await ToolsBenchmark.RunAsync(report, rows, [], BenchmarkFiles.LargeVocabulary, BenchmarkFiles.SmolLm, 1.2f, 100, CancellationToken.None);
return 0;
