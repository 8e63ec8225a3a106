namespace Connector.Decoding.Speculation;

/// <summary>A binary max-heap of numbers keyed by probability, in two flat arrays. Not thread-safe.</summary>
internal sealed class CandidateHeap(int capacity)
{
    private readonly float[] _keys = new float[capacity];
    private readonly int[] _items = new int[capacity];

    /// <summary>How many items it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The largest key; 0 where it is empty.</summary>
    public float Best => Count == 0 ? 0 : _keys[0];

    /// <summary>Removes all items.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds an item.</summary>
    public void Push(float key, int item)
    {
        var hole = Count++;
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (_keys[parent] >= key)
            {
                break;
            }

            _keys[hole] = _keys[parent];
            _items[hole] = _items[parent];
            hole = parent;
        }

        _keys[hole] = key;
        _items[hole] = item;
    }

    /// <summary>Removes and returns the item of the largest key.</summary>
    public int Pop()
    {
        var top = _items[0];
        var last = --Count;
        var (key, item) = (_keys[last], _items[last]);
        var hole = 0;
        for (var child = 1; child < last; child = (2 * hole) + 1)
        {
            if (child + 1 < last && _keys[child + 1] > _keys[child])
            {
                child++;
            }

            if (_keys[child] <= key)
            {
                break;
            }

            _keys[hole] = _keys[child];
            _items[hole] = _items[child];
            hole = child;
        }

        _keys[hole] = key;
        _items[hole] = item;
        return top;
    }
}
