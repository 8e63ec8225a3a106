using Connector.Decoding.Constraints;
using Connector.Decoding.Tests.Constraints.Support;

namespace Connector.Decoding.Tests.Constraints;

public class ConstraintCacheTests
{
    private static readonly Vocabulary s_vocabulary = Vocabularies.Of("a", "b", "<end>");

    [Fact]
    public void Compiles_a_source_once_and_drops_the_least_recently_used()
    {
        var cache = new ConstraintCache(2);
        var compiled = new List<string>();
        CompiledConstraint Get(string source) => cache.GetOrCompile(source, s_vocabulary, v =>
        {
            compiled.Add(source);
            return ConstraintCompiler.CompileChoices([source], v);
        });

        var a = Get("a");
        Assert.Same(a, Get("a"));
        Get("b");
        Get("a");
        Get("ab");
        Assert.Equal(2, cache.Count);
        Assert.Same(a, Get("a"));
        Get("b");
        Assert.Equal(["a", "b", "ab", "b"], compiled);
    }

    [Fact]
    public void A_failure_is_not_kept()
    {
        var cache = new ConstraintCache();
        Assert.Throws<UnsatisfiableConstraintException>(() => cache.GetOrCompile("x", s_vocabulary, v => ConstraintCompiler.CompileChoices([], v)));
        Assert.Equal(0, cache.Count);
        Assert.NotNull(cache.GetOrCompile("x", s_vocabulary, v => ConstraintCompiler.CompileChoices(["a"], v)));
    }

    [Fact]
    public void What_ran_into_its_limits_while_it_was_read_is_compiled_afresh()
    {
        var cache = new ConstraintCache();
        var limits = new ConstraintLimits { MaxStates = 60 };
        CompiledConstraint Get() => cache.GetOrCompile("nested", s_vocabulary, v => ConstraintCompiler.CompileGbnf("root ::= \"a\" root \"b\" | \"ab\"", v, limits: limits));

        var full = Get();
        Assert.Throws<ConstraintTooComplexException>(() => Read(full, 200));
        Assert.Throws<ConstraintTooComplexException>(() => Read(full, 200));
        var fresh = Get();
        Assert.NotSame(full, fresh);
        Read(fresh, 3);
        Assert.Same(fresh, Get());
        Assert.Equal(1, cache.Count);

        static void Read(CompiledConstraint constraint, int depth)
        {
            var state = constraint.Start;
            for (var i = 0; i < depth; i++)
            {
                Assert.True(constraint.Mask(state).Contains(0));
                Assert.True(constraint.TryAdvance(ref state, 0));
            }
        }
    }

    [Fact]
    public async Task Those_who_ask_at_once_wait_for_one_compilation()
    {
        var cache = new ConstraintCache();
        var count = 0;
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => cache.GetOrCompile("a", s_vocabulary, v =>
        {
            Interlocked.Increment(ref count);
            return ConstraintCompiler.CompileChoices(["a"], v);
        }))));
        Assert.Equal(1, count);
        Assert.Single(all.Distinct());
    }
}
